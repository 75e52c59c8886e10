{{ rows_out_of_line(
    ref('revenue_recognition_monthly'), 'recognition_month', step='month',
    balances={'deferred_opening_usd': 'deferred_closing_usd'},
    of=['product_kind'],
    also='deferred_opening_usd + billed_usd - recognised_usd <> deferred_closing_usd'
) }}
