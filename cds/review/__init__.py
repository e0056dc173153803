"""For clinicians and authors: do the rule files hold together, and would their cases notice a change?"""
