"""Tables of identity; private to the domain."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Account(AbstractBaseUser):
    """A person who gets in. Exists from the first proof on, and hangs on no phone number."""

    created_at = models.DateTimeField(auto_now_add=True)
    language = models.CharField(max_length=5, default="ru")

    USERNAME_FIELD = "id"
    objects: BaseUserManager["Account"] = BaseUserManager()
