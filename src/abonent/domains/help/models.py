"""Tables of help; private to the domain."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Func, GeneratedField, Q

# Russian words are cut to their stems by Russian rules, others by English ones; titles weigh most, then the words
# that people use for it. Constants only: what is kept in a column must not depend on a setting.
# Who leaves out the dots of ё finds the same.
_VECTOR = """case language when 'ru' then
 setweight(to_tsvector('russian', translate(title, '\u0451\u0401', '\u0435\u0415')), 'A')
 || setweight(to_tsvector('russian', translate(also, '\u0451\u0401', '\u0435\u0415')), 'B')
 || setweight(to_tsvector('russian', translate(plain, '\u0451\u0401', '\u0435\u0415')), 'C')
 else setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', also), 'B')
 || setweight(to_tsvector('english', plain), 'C') end"""


class Topic(models.Model):
    """A shelf of questions; `names` by language, `icon` one of our drawings."""

    code = models.CharField(primary_key=True, max_length=40)
    place = models.SmallIntegerField()
    icon = models.CharField(max_length=20)
    names = models.JSONField()


class Question(models.Model):
    """A question with its answer in one language, as it was published; a change is a new row, the old one retires."""

    code = models.CharField(max_length=60)
    language = models.CharField(max_length=5)
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="+")
    place = models.SmallIntegerField()
    title = models.CharField(max_length=200)
    # Other words for it: what people type, and what it is called elsewhere.
    also = models.CharField(max_length=500, blank=True)
    body = models.CharField(max_length=6000)
    # The body without its marks: what is searched, and what a find is shown in.
    plain = models.CharField(max_length=6000)
    published_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    search = GeneratedField(
        expression=Func(template=_VECTOR, output_field=SearchVectorField()),
        output_field=SearchVectorField(),
        db_persist=True,
        editable=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code", "language"], condition=Q(retired_at=None), name="help_question_published_once"
            )
        ]
        indexes = [
            # Written once in a while and read all day: nothing waits in a list that every search would read through.
            GinIndex(fields=["search"], condition=Q(retired_at=None), name="help_questions_found", fastupdate=False),
            models.Index(
                fields=["language", "topic", "place"], condition=Q(retired_at=None), name="help_questions_of_topic"
            ),
        ]


class Word(models.Model):
    """A word of the questions, for who types nearly that."""

    language = models.CharField(max_length=5)
    word = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["language", "word"], name="help_word_once")]


class Helped(models.Model):
    """How many said on a day that an answer helped, or not."""

    code = models.CharField(max_length=60)
    day = models.DateField()
    yes = models.PositiveIntegerField(default=0)
    no = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "day"], name="help_helped_once_a_day")]


class Contact(models.Model):
    """A way to reach us: `kind` is `phone`, `email` or `post`."""

    place = models.SmallIntegerField(primary_key=True)
    kind = models.CharField(max_length=10)
    value = models.CharField(max_length=200)
    names = models.JSONField()


class City(models.Model):
    """Where there are shops; `drawn` are lines of its map: a kind (`river`, `street`), names, points."""

    code = models.CharField(primary_key=True, max_length=40)
    place = models.SmallIntegerField()
    names = models.JSONField()
    time_zone = models.CharField(max_length=60)
    drawn = models.JSONField(default=list)


class Shop(models.Model):
    """A shop; `hours` are seven days from Monday: opening and closing, or nothing."""

    code = models.CharField(primary_key=True, max_length=40)
    city = models.ForeignKey(City, on_delete=models.PROTECT, related_name="+")
    place = models.SmallIntegerField()
    addresses = models.JSONField()
    about = models.JSONField(default=dict)
    hours = models.JSONField()
    latitude = models.FloatField()
    longitude = models.FloatField()
