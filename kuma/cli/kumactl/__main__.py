"""`python -m kuma.cli.kumactl`."""

from kuma.cli.kumactl import main

main()
