{{ rows_out_of_line(
    ref('mrr_bridge_by_segment_monthly'), 'movement_month', step='month',
    balances={'opening_mrr_usd': 'closing_mrr_usd', 'opening_customers': 'closing_customers'},
    of=['dimension', 'segment']
) }}
