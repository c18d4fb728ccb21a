"""Tables of parties and contracts; private to the domain."""

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Value
from django.db.models.functions import Lower, Replace


def _folded(name: str) -> OpClass:
    """Return how a name is searched for: in small letters, with «е» for «ё», by its beginning."""
    return OpClass(Replace(Lower(name), Value("ё"), Value("е")), name="text_pattern_ops")


class Party(models.Model):
    """A person who is a customer."""

    given_name = models.CharField(max_length=100)
    patronymic = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100)
    language = models.CharField(max_length=5, default="ru")
    birth_date = models.DateField(null=True)
    # Keyed hashes: enough to check what a caller says, nothing to read out.
    document_hash = models.CharField(max_length=64, blank=True)
    document_tail_hash = models.CharField(max_length=64, blank=True)
    code_word_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(_folded("family_name"), _folded("given_name"), name="customers_by_name"),
        ]


class Contract(models.Model):
    """What a party signed; money is kept per contract. `number` is what paper and agents call it."""

    class Payment(models.TextChoices):
        PREPAID = "prepaid"
        POSTPAID = "postpaid"

    number = models.CharField(max_length=20, unique=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    payment = models.CharField(max_length=10, choices=Payment)
    opened_on = models.DateField()
    # What home internet and TV customers call «лицевой счёт».
    account_number = models.CharField(max_length=20, unique=True, null=True)
    # Where codes for the contract go; the cabinet opens once an agent has entered who the customer is.
    contact_number = models.CharField(max_length=16, blank=True, help_text="E.164")
    contact_email = models.EmailField(blank=True)
    entered_at = models.DateTimeField(null=True)
    # Who entered it, as the audit names people.
    entered_by = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [models.Index(fields=["contact_number"], name="customers_by_contact")]
