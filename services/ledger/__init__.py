"""The record: tables, the two state machines, the contact vault, the audit chain and the queries on them.

The ledger is the truth and Kafka is the road: what has not committed here did not happen.
"""
