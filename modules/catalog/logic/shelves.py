"""Making, changing and removing categories: each act in one transaction, under the lock of the tree."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError

from ecommerce.kernel.db import atomic
from ecommerce.kernel.errors import Conflict, PreconditionFailed
from ecommerce.kernel.ids import new_id
from modules.catalog.contracts import SlugTaken
from modules.catalog.logic import category_images, category_slugs, tree
from modules.catalog.logic.categories import CategoryNotFound, CategoryPage, get_category
from modules.catalog.logic.database import execute, fetch
from modules.catalog.logic.stale_shelves import mark_stale
from modules.catalog.models import Category, CategoryTranslation

# By language; None takes that language's words away.
Translations = Mapping[str, Mapping[str, Any] | None]


class CategoryNotEmpty(Conflict):
    """Something stands on this category: move or delete that first."""

    # details: `products` (of any status) and `children`, how many of each
    code = "category_not_empty"


class CategorySheet(NamedTuple):
    """A category as staff see it, in its own words."""

    page: CategoryPage
    parent_id: UUID | None
    position: int
    seo: dict[str, str]
    version: int
    translations: dict[str, CategoryTranslation]


def make_category(
    *, name: str, category_id: UUID | None = None, slug: str | None = None, **values: Any
) -> CategorySheet:
    """Put a new category into the tree, below `parent_id`, or `before` or `after` a sibling; translated as given.

    Refuses a slug that another has (without one, it is made of the name), a parent or sibling that is not there, and a
    place too deep.
    """
    with _one_of_each_slug(), atomic(Category):
        tree.lock_tree()
        category = Category(id=category_id or new_id(), name=name, slug=slug or category_slugs.free_slug(name))
        changes = _settled(category, values)
        translations = changes.pop("translations", {})
        for field, value in changes.items():
            setattr(category, field, value)
        category.save(force_insert=True)
        category_slugs.take_slug(category.slug)
        _translate(category.id, translations)
        tree.announce([category.id])
        return _sheet(category)


def change_category(*, slug_now: str, versions: frozenset[int] | None = None, **values: Any) -> CategorySheet:
    """Change what is given, and move it where that says so; what stands below comes along. What changes nothing makes
    no new version. Refuses what `make_category` does, a place below itself, and other versions than these.
    """
    with _one_of_each_slug(), atomic(Category):
        tree.lock_tree()
        category = _found(slug_now, versions)
        changes = _settled(category, values)
        translations = changes.pop("translations", {})
        changed = [field for field, value in changes.items() if getattr(category, field) != value]
        translated = _translate(category.id, translations)
        if translated or changed:
            _write(category, {field: changes[field] for field in changed})
        if "name" in translated or {"name", "parent_id"} & set(changed):
            mark_stale(category.id)
        return _sheet(category)


def delete_category(*, slug: str, versions: frozenset[int] | None = None) -> None:
    """Remove a category on which nothing stands, with the slugs it had; refuses (CategoryNotEmpty) any other."""
    with _nothing_arrives(slug), atomic(Category):
        tree.lock_tree()
        category = _found(slug, versions)
        _check_empty(slug)
        category_images.remove_images(category)
        for statement in _REMOVE:
            execute(statement, [category.id])
        tree.announce([category.id])


def _found(slug: str, versions: frozenset[int] | None) -> Category:
    category = Category.objects.filter(slug=slug).first()
    if category is None:
        raise CategoryNotFound
    if versions is not None and category.version not in versions:
        raise PreconditionFailed(version=category.version)
    return category


def _settled(category: Category, values: dict[str, Any]) -> dict[str, Any]:
    """The values with the place they ask for, judged; siblings have made room."""
    changes = {field: value for field, value in values.items() if field not in ("before", "after")}
    is_new = category._state.adding
    beside = {field: values[field] for field in ("before", "after") if values.get(field)}
    if beside:
        changes |= tree.make_room(category_id=category.id, **beside)._asdict()
    if "parent_id" in changes and (is_new or changes["parent_id"] != category.parent_id):
        tree.check_move(category_id=category.id, parent_id=changes["parent_id"])
    return changes


def _write(category: Category, changes: dict[str, Any]) -> None:
    old_slug = category.slug
    for field, value in (changes | {"version": category.version + 1}).items():
        setattr(category, field, value)
    # Named, so that the products that come and go meanwhile are not counted back.
    category.save(update_fields=[*changes, "version"])
    if category.slug != old_slug:
        category_slugs.move_slug(category.id, old_slug, category.slug)
    tree.announce([category.id])


def _translate(category_id: UUID, translations: Translations) -> set[str]:
    """Replace these languages' words, and leave the others'; which fields are different now, in whatever language."""
    kept = _words(category_id) if translations else {}
    different: set[str] = set()
    for language, words in translations.items():
        row = kept.get(language)
        had = {field: getattr(row, field) for field in _WORDS} if row else None
        wanted = None if words is None else {field: words.get(field) or empty for field, empty in _WORDS.items()}
        if had == wanted:
            continue
        different |= {field for field in _WORDS if (had or _WORDS)[field] != (wanted or _WORDS)[field]} or {"language"}
        if wanted is None:
            CategoryTranslation.objects.filter(category_id=category_id, language=language).delete()
            continue
        row = row or CategoryTranslation(category_id=category_id, language=language)
        for field, value in wanted.items():
            setattr(row, field, value)
        row.save()
    return different


def _check_empty(slug: str) -> None:
    [(products, children)] = fetch(_STANDING, {"slug": slug})
    if products or children:
        raise CategoryNotEmpty(products=products, children=children)


def _words(category_id: UUID) -> dict[str, CategoryTranslation]:
    rows = CategoryTranslation.objects.filter(category_id=category_id).order_by("language")
    return {row.language: row for row in rows}


def _sheet(category: Category) -> CategorySheet:
    """Read in the transaction of the change: the version is the one of what is shown."""
    page = get_category(slug=category.slug)
    words = _words(category.id)
    return CategorySheet(page, category.parent_id, category.position, category.seo, category.version, words)


@contextmanager
def _one_of_each_slug() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        constraint = str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", ""))
        if "catalog_category_slug" not in constraint:
            raise
        raise SlugTaken from error


@contextmanager
def _nothing_arrives(slug: str) -> Iterator[None]:
    """A product that came when the category was judged already is seen by the database, at the end."""
    try:
        yield
    except IntegrityError:
        _check_empty(slug)
        raise


_WORDS: dict[str, Any] = {"name": "", "description": "", "seo": {}}
_STANDING = """
    SELECT (SELECT count(*) FROM catalog_product WHERE category_id = category.id),
           (SELECT count(*) FROM catalog_category child WHERE child.parent_id = category.id)
    FROM catalog_category category WHERE slug = %(slug)s
"""
_REMOVE = (
    "DELETE FROM catalog_staleshelf WHERE category_id = %s",
    "DELETE FROM catalog_categorytranslation WHERE category_id = %s",
    "DELETE FROM catalog_categoryslug WHERE category_id = %s",
    "DELETE FROM catalog_category WHERE id = %s",
)
