"""What words find: one document per published product, and the words that are in them."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F

from modules.catalog.models.categories import Category
from modules.catalog.models.products import Product


class SearchDocument(models.Model):
    """The words by which a published product is found, as lexemes without positions.

    Each stands there as it is; those of the title also marked `A:`, those of the title, the attributes, the options and
    the categories `B:`. `T:0` to `T:n` say how popular it is, each at most a quarter as frequent as the one before, so
    that the index itself leaves out what is too obscure to be shown for a common word. `O:size=Size` names what it can
    be filtered by. `P:…` is padding: PostgreSQL moves a value out of line only from a row over 2,000 bytes (it then
    shrinks to almost nothing), and without their words the rows are so narrow that reading thousands reads few pages.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    product = models.OneToOneField(Product, on_delete=models.CASCADE, primary_key=True, related_name="document")
    popularity = models.PositiveIntegerField(default=0)
    document = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["document"], name="document_words")]


class SearchWord(models.Model):
    """A lexeme of the documents: what a mistyped word may have meant, what a beginning may become, how common it is.

    A word may stand here more than once: whoever saves a product adds what it does not see, and waits for nobody. The
    figures are as old as the last count (words.count_words), which also leaves one row of each.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.BigAutoField(primary_key=True)
    # Compared byte by byte, so that a beginning is a range of the index.
    word = models.TextField(db_collation="C")
    documents = models.PositiveIntegerField()
    # In how many titles.
    titles = models.PositiveIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["word"], name="word_itself"),
            GistIndex(OpClass(F("word"), name="gist_trgm_ops"), name="word_alike"),
        ]


class StaleShelf(models.Model):
    """A category whose name, or that of one above it, has changed: the documents of what stands on it are written anew,
    a few at a time, the oldest publication first; up to that of `product_id` it is done.

    Each change adds rows, also for a category that has one: so whoever changes it waits for no worker.
    """

    PERSONAL: ClassVar[frozenset[str]] = frozenset()

    id = models.BigAutoField(primary_key=True)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+", db_index=False)
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    product_id = models.UUIDField(null=True)
