"""Every address under /api/v1/catalog/."""

from django.urls import path

from modules.catalog.api import stock, views

urlpatterns = [
    path("catalog/categories/", views.Categories.as_view()),
    path("catalog/categories/<slug:slug>/", views.Category.as_view()),
    path("catalog/products/", views.Products.as_view()),
    path("catalog/products/<slug:slug>/", views.Product.as_view()),
    path("catalog/variants/<uuid:variant_id>/stock/", stock.Stock.as_view()),
    path("catalog/stock/movements/", stock.Movements.as_view()),
    path("catalog/locations/", stock.Locations.as_view()),
    path("catalog/drawings/<slug:shape>/<slug:colour>/<int:size>.svg", views.Drawing.as_view()),
]
