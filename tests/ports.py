"""Ports that nobody listens on now."""

import socket


def free_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """So many free ports, all different; held open together while they are chosen."""
    holders = [socket.create_server((host, 0)) for _ in range(count)]
    try:
        return [holder.getsockname()[1] for holder in holders]
    finally:
        for holder in holders:
            holder.close()
