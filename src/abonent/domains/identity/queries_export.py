"""What identity holds on a person, for the copy of their data. No secret, and no hash of one, is in it."""

from __future__ import annotations

from abonent.foundation.copies import Part


def parts(*, account_id: int) -> list[Part]:
    """Return the account, how it is entered, from where, and what changed in it."""

    def part(name: str, table: str, columns: str, order: str) -> Part:
        sql = f"select {columns} from {table} where account_id = %s order by {order}"
        return Part(name, (table,), sql, (account_id,))

    account = """select created_at, language, email, email_confirmed_at, password_set_at, password_offered_at,
                        password_declined_at, has_second_factor, has_passkey, off_at, frozen_at, erase_at
                   from identity_account where id = %s"""
    return [
        Part("account", ("identity_account",), account, (account_id,)),
        part("sign-ins", "identity_signin", "at, way, agent, address, in_app, ended_at", "at"),
        part("devices", "identity_device", "agent, first_seen_at, last_seen_at", "first_seen_at"),
        part("sessions", "identity_session", "sign_in_id is not null as entered, expires_at", "expires_at"),
        part("changes", "identity_securityevent", "at, kind, by, detail, disputed_at", "at"),
        part("authenticator-app", "identity_totp", "made_at, confirmed_at", "made_at"),
        part("recovery-codes", "identity_recoverycode", "made_at, used_at", "made_at"),
        part("passkeys", "identity_passkey", "name, created_at, last_used_at", "created_at"),
        part("app-pins", "identity_devicekey", "made_at, last_used_at", "made_at"),
        part("other-services", "identity_link", "service, name, uid, linked_at, used_at", "linked_at"),
    ]
