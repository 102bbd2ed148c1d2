"""An hour of a team's questions while parts fail: is each answered once, and does memory grow?

The real roles run as `phi3 up` starts them; only Slack is a double, and the model is a small random
Phi-3. docs/operations.md says how to run it and what it showed.
"""
