"""Every address under /api/v1/catalog/."""

from django.urls import path

from modules.catalog.api import import_views, views

urlpatterns = [
    path("catalog/categories/", views.Categories.as_view()),
    path("catalog/categories/<slug:slug>/", views.Category.as_view()),
    path("catalog/products/", views.Products.as_view()),
    path("catalog/products/<slug:slug>/", views.Product.as_view()),
    path("catalog/variants/<uuid:variant_id>/stock/", views.Stock.as_view()),
    path("catalog/imports/", import_views.Imports.as_view()),
    path("catalog/imports/<uuid:job_id>/", import_views.Import.as_view()),
    path("catalog/exports/products/", import_views.ProductExport.as_view()),
    path("catalog/drawings/<slug:shape>/<slug:colour>/<int:size>.svg", views.Drawing.as_view()),
]
