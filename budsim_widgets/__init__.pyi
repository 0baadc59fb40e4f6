# The public names, each in this one place: a class by its module, an action by the method of `Actions` that it is.
# `lazy_names` reads this file when the program runs, type checkers and editors read it instead of `__init__.py`.

from budsim_widgets.actions import Actions as _Actions
from budsim_widgets.architectures import Architecture as Architecture
from budsim_widgets.engines import VLLM as VLLM
from budsim_widgets.engines import LlamaCpp as LlamaCpp
from budsim_widgets.engines import SGLang as SGLang
from budsim_widgets.engines import Transformers as Transformers
from budsim_widgets.errors import BudsimError as BudsimError
from budsim_widgets.errors import ConfigError as ConfigError
from budsim_widgets.errors import GatedModelError as GatedModelError
from budsim_widgets.errors import HubError as HubError
from budsim_widgets.errors import HubOfflineError as HubOfflineError
from budsim_widgets.errors import HubUnavailableError as HubUnavailableError
from budsim_widgets.errors import LanguageError as LanguageError
from budsim_widgets.errors import ModelDisabledError as ModelDisabledError
from budsim_widgets.errors import ModelIdError as ModelIdError
from budsim_widgets.errors import ModelNotFoundError as ModelNotFoundError
from budsim_widgets.errors import NoConfigError as NoConfigError
from budsim_widgets.errors import RateLimitError as RateLimitError
from budsim_widgets.errors import RegionError as RegionError
from budsim_widgets.errors import RevisionNotFoundError as RevisionNotFoundError
from budsim_widgets.errors import StoreError as StoreError
from budsim_widgets.errors import TeamAccessError as TeamAccessError
from budsim_widgets.errors import TeamConflictError as TeamConflictError
from budsim_widgets.errors import TeamIdError as TeamIdError
from budsim_widgets.errors import TeamNotFoundError as TeamNotFoundError
from budsim_widgets.errors import TeamStoppedError as TeamStoppedError
from budsim_widgets.errors import TeamStoreError as TeamStoreError
from budsim_widgets.errors import TokenError as TokenError
from budsim_widgets.errors import WorkloadError as WorkloadError
from budsim_widgets.fitting import FitReport as FitReport
from budsim_widgets.fitting import LogReport as LogReport
from budsim_widgets.fitting import PrecisionsReport as PrecisionsReport
from budsim_widgets.fitting.sweep_report import SweepReport as SweepReport
from budsim_widgets.hardware import Accelerator as Accelerator
from budsim_widgets.hardware import accelerators as accelerators
from budsim_widgets.hardware.detection import DetectedAccelerator as DetectedAccelerator
from budsim_widgets.hardware.detection import detect_accelerators as detect_accelerators
from budsim_widgets.memory import MemoryReport as MemoryReport
from budsim_widgets.panel import ConfigPrompt as ConfigPrompt
from budsim_widgets.panel import MemoryPanel as MemoryPanel
from budsim_widgets.panel import SavedConfigs as SavedConfigs
from budsim_widgets.store import ConfigStore as ConfigStore
from budsim_widgets.training import TrainingReport as TrainingReport
from budsim_widgets.training import TrainingSettings as TrainingSettings

__version__: str
_actions: _Actions

analyze = _actions.analyze
architecture = _actions.architecture
calculate = _actions.calculate
check_config = _actions.check_config
check_log = _actions.fitting.check_log
compare = _actions.compare
compare_precisions = _actions.fitting.compare_precisions
config_conflicts = _actions.team.conflicts
config_difference = _actions.saved.difference
config_history = _actions.saved.history
export_configs = _actions.saved.export_file
finetune = _actions.training.finetune
fit = _actions.fitting.fit
forget_config = _actions.saved.forget
get_config = _actions.get_config
import_configs = _actions.saved.import_file
restore_config = _actions.saved.restore
saved_configs = _actions.saved.list
share = _actions.team.share
submit_config = _actions.submit_config
sweep = _actions.sweeps.sweep
sync = _actions.team.sync
unshare = _actions.team.unshare
use_base_config = _actions.use_base_config
validate = _actions.validate
verify_configs = _actions.saved.verify
