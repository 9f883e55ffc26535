"""`python -m kuma.cli.dp` is `kuma-dp`."""

from kuma.cli.dp import main

main()
