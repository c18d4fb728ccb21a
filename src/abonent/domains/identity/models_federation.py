"""Tables of logins at other services and of recognition by the network; private to the domain."""

from django.db import models

SERVICE_LENGTH_MAX = 40
UID_LENGTH_MAX = 255
NAME_LENGTH_MAX = 100


class Link(models.Model):
    """A login at another service that opens the account; the service's tokens are kept nowhere."""

    account = models.ForeignKey("identity.Account", on_delete=models.CASCADE, related_name="+")
    # As the settings name it.
    service = models.CharField(max_length=SERVICE_LENGTH_MAX)
    # How the service knows the person; never an e-mail address, which changes hands.
    uid = models.CharField(max_length=UID_LENGTH_MAX)
    # What the person is called there: words for the owner, never a proof.
    name = models.CharField(max_length=NAME_LENGTH_MAX, blank=True)
    linked_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["service", "uid"], name="identity_link_opens_one_account"),
            models.UniqueConstraint(fields=["account", "service"], name="identity_one_link_of_a_service"),
        ]


class UsedTicket(models.Model):
    """A ticket that did its work, kept until it would be too old anyway."""

    hash = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)
