"""For every PATH: onnx's checker passes PATH.onnx, and onnxruntime gives PATH.z.npy for PATH.x.npy."""
import sys

import numpy as np
import onnx
import onnxruntime

for path in sys.argv[1:]:
    onnx.checker.check_model(onnx.load(path + ".onnx"), full_check=True)
    x, want = np.load(path + ".x.npy"), np.load(path + ".z.npy")
    session = onnxruntime.InferenceSession(path + ".onnx", providers=["CPUExecutionProvider"])
    (got,) = session.run(["embedding"], {"features": x})
    apart = np.abs(got - want).max()
    assert got.shape == want.shape and apart < 1e-5, f"{path} differs by {apart}"  # NaN fails
    print(f"{path} agrees within {apart:.1e}")
