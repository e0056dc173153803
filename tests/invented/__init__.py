"""Invented people for exports of any size: who they are, what is measured, what they have and take.

Everything about them is invented: names, dates, numbers, hosts, and how often things occur. Shares and means are
plausible for adults in primary care, and estimates of nothing. Codes of LOINC, SNOMED CT, ICD-10-CM, CVX and RxNorm are
published ones; calcium products and their codes are those of ``rules/terms/products.yaml``.
"""
