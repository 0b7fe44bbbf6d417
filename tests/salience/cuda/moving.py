"""Layers and arrays on either side, the host's and a GPU's."""

from ..layers.examples import made


def pair(name):
    """A layer of the examples on the CPU, and the same on the GPU."""
    layer, twin = made(name), made(name)
    twin.to_gpu(0)
    return layer, twin


def here(ops, array):
    """The numbers of an array that is one of the ops'."""
    assert isinstance(array, ops.xp.ndarray)
    return ops.to_numpy(array)


def numbers_of(layer, get="get_param"):
    """All parameters, or gradients, on the host, in the order of the layer's parts."""
    return [
        here(node.ops, getattr(node, get)(name))
        for node in layer.walk()
        for name in node.param_names
    ]
