"""Meshes at random: whole sets of documents, of which some say strange but allowed things."""
