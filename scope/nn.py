"""`scope.nn.ScopeNet`, where the older tool had it: the network as a `keras.Model`.

Keras loads the networks that the pipeline has saved by this name, so it must not change.
"""

from scope.models.networks.scopenet import ScopeNet, keras_network, network_of

__all__ = ["ScopeNet", "keras_network", "network_of"]
