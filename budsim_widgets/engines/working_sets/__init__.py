"""What a forward pass of transformers holds beside weights and cache, from what each block of a layer computes.

Each block says what it holds at its highest moments, as bytes that grow with the tokens, with pairs of tokens, or with
positions (`held.py`); a layer adds the copies of the residual stream that stand beside it. Nothing is fitted: what
stands when was read in the modelling code of transformers 5.24, and which variant a model type has is a row of
`data/working_sets.json`.
"""

from budsim_widgets.engines.working_sets.code import Attention
from budsim_widgets.engines.working_sets.peak import WorkingSet, working_set

__all__ = ["Attention", "WorkingSet", "working_set"]
