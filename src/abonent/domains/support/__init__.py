"""Staff: who they are and may do, cases, identity checks, approvals, and what is done for a customer who asks."""
