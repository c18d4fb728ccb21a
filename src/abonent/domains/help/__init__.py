"""What people ask and what answers it, where they find us: questions, contacts, shops. Knows no customer."""
