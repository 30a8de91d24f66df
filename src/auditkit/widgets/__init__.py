"""Controls for notebooks: pick a function, a store, an entry; move weights and costs; tick fixes; tables follow.

Each gives back a panel of ipywidgets that shows the same as plain HTML where no widgets can be shown: in an exported
notebook, or on a page.
"""

from auditkit.widgets.blast import explore_blast
from auditkit.widgets.fixing import explore_fixes
from auditkit.widgets.transit import explore_transit

__all__ = ["explore_blast", "explore_fixes", "explore_transit"]
