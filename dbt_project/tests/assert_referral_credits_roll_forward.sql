{{ rows_out_of_line(
    ref('referral_credit_balance_monthly'), 'month', step='month',
    balances={'opening_usd': 'outstanding_usd'}
) }}
