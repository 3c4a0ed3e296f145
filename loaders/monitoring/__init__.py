"""How well the product does: its numbers for Prometheus, its health for a load balancer, and alarms to the operators.

Reads the ledger, the disk, the contracts and the scheduler's interface. It changes nothing but what it
remembers of its own looks.
"""
