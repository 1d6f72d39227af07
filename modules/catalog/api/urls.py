"""Every address under /api/v1/catalog/."""

from django.urls import path

from modules.catalog.api import attributes, staff_products, views

urlpatterns = [
    path("catalog/categories/", views.Categories.as_view()),
    path("catalog/categories/<slug:slug>/", views.Category.as_view()),
    path("catalog/attributes/", attributes.Attributes.as_view()),
    path("catalog/attributes/<slug:code>/", attributes.OneAttribute.as_view()),
    path("catalog/products/", staff_products.Products.as_view()),
    path("catalog/products/<slug:slug>/", staff_products.Product.as_view()),
    path("catalog/products/<slug:slug>/variants/", staff_products.Variants.as_view()),
    path("catalog/variants/<uuid:variant_id>/", staff_products.Variant.as_view()),
    path("catalog/variants/<uuid:variant_id>/stock/", views.Stock.as_view()),
    path("catalog/drawings/<slug:shape>/<slug:colour>/<int:size>.svg", views.Drawing.as_view()),
]
