"""The addresses that orders answers."""

from django.urls import path

from modules.orders.api import after_sale, documents, drafts, edits, export_views, views

urlpatterns = [
    path("checkout/quote/", views.QuoteView.as_view()),
    path("checkout/", views.CheckoutView.as_view()),
    path("orders/", views.OrderListView.as_view()),
    path("orders/drafts/", drafts.DraftsView.as_view()),
    path("orders/export/", export_views.OrderExport.as_view()),
    path("orders/<uuid:order_id>/", views.OrderView.as_view()),
    path("orders/<uuid:order_id>/cancel/", views.CancelView.as_view()),
    path("orders/<uuid:order_id>/reorder/", views.ReorderView.as_view()),
    path("orders/<uuid:order_id>/fulfilment/", after_sale.FulfilmentView.as_view()),
    path("orders/<uuid:order_id>/shipments/", after_sale.ShipmentsView.as_view()),
    path("orders/<uuid:order_id>/shipments/<uuid:shipment_id>/deliver/", after_sale.DeliverView.as_view()),
    path("orders/<uuid:order_id>/refunds/", after_sale.RefundsView.as_view()),
    path("orders/<uuid:order_id>/edits/", edits.EditsView.as_view()),
    path("orders/<uuid:order_id>/edits/<uuid:edit_id>/call-off/", edits.CallOffEditView.as_view()),
    path("orders/<uuid:order_id>/invoice/", documents.InvoiceView.as_view()),
    path("orders/<uuid:order_id>/invoices/", documents.InvoicesView.as_view()),
    path("orders/<uuid:order_id>/invoices/<uuid:document_id>/", documents.OneInvoiceView.as_view()),
    path("orders/<uuid:order_id>/credit-notes/", documents.CreditNotesView.as_view()),
    path("orders/<uuid:order_id>/credit-notes/<uuid:document_id>/", documents.CreditNoteView.as_view()),
    path("orders/<uuid:order_id>/returns/", after_sale.ReturnsView.as_view()),
    path("orders/<uuid:order_id>/returns/<uuid:return_id>/approve/", after_sale.ApproveReturnView.as_view()),
    path("orders/<uuid:order_id>/returns/<uuid:return_id>/reject/", after_sale.RejectReturnView.as_view()),
    path("orders/<uuid:order_id>/returns/<uuid:return_id>/receive/", after_sale.ReceiveReturnView.as_view()),
    path("orders/<uuid:order_id>/returns/<uuid:return_id>/exchange/", edits.ExchangeView.as_view()),
]
