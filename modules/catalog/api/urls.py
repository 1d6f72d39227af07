"""Every address under /api/v1/catalog/."""

from django.urls import path

from modules.catalog.api import (
    attributes,
    category_views,
    image_views,
    import_views,
    list_views,
    review_views,
    staff_products,
    stock,
    views,
)

urlpatterns = [
    path("catalog/categories/", category_views.Categories.as_view()),
    path("catalog/categories/<slug:slug>/", category_views.Category.as_view()),
    path("catalog/categories/<slug:slug>/image/", image_views.CategoryImage.as_view()),
    path("catalog/attributes/", attributes.Attributes.as_view()),
    path("catalog/attributes/<slug:code>/", attributes.OneAttribute.as_view()),
    path("catalog/products/", staff_products.Products.as_view()),
    path("catalog/products/<slug:slug>/", staff_products.Product.as_view()),
    path("catalog/products/<slug:slug>/variants/", staff_products.Variants.as_view()),
    path("catalog/products/<slug:slug>/images/", image_views.ProductImages.as_view()),
    path("catalog/images/<uuid:image_id>/", image_views.ProductImage.as_view()),
    path("catalog/variants/<uuid:variant_id>/", staff_products.Variant.as_view()),
    path("catalog/products/<slug:slug>/reviews/", review_views.ProductReviews.as_view()),
    path("catalog/reviews/", review_views.Moderation.as_view()),
    path("catalog/reviews/<uuid:review_id>/", review_views.OwnReview.as_view()),
    path("catalog/reviews/<uuid:review_id>/approve/", review_views.Approval.as_view()),
    path("catalog/reviews/<uuid:review_id>/reject/", review_views.Rejection.as_view()),
    path("catalog/variants/<uuid:variant_id>/stock/", stock.Stock.as_view()),
    path("catalog/stock/movements/", stock.Movements.as_view()),
    path("catalog/locations/", stock.Locations.as_view()),
    path("catalog/imports/", import_views.Imports.as_view()),
    path("catalog/imports/<uuid:job_id>/", import_views.Import.as_view()),
    path("catalog/exports/products/", import_views.ProductExport.as_view()),
    path("catalog/search/suggest/", list_views.Suggestions.as_view()),
    path("catalog/drawings/<slug:shape>/<slug:colour>/<int:size>.svg", views.Drawing.as_view()),
]
