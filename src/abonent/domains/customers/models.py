"""Tables of parties and contracts; private to the domain."""

from django.db import models


class Party(models.Model):
    """A person who is a customer."""

    given_name = models.CharField(max_length=100)
    patronymic = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100)
    language = models.CharField(max_length=5, default="ru")


class Contract(models.Model):
    """What a party signed; money is kept per contract. `number` is what paper and agents call it."""

    class Payment(models.TextChoices):
        PREPAID = "prepaid"
        POSTPAID = "postpaid"

    number = models.CharField(max_length=20, unique=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    payment = models.CharField(max_length=10, choices=Payment)
    opened_on = models.DateField()
