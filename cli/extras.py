"""Packages that only an extra of the distribution brings: an installation may lack them."""

from importlib.util import find_spec

from domain.errors import ConfigError

_EXTRAS = {
    "models": (
        "torch transformers sentence_transformers peft accelerate fastapi uvicorn starlette "
        "prometheus_client"
    ),
    "train": "trl bitsandbytes datasets matplotlib safetensors",
    "postgres": "psycopg",
    "ocr": "rapidocr_onnxruntime",
    "s3": "s3fs fsspec",
    "cluster": "ray",
    "console": "python_multipart multipart",
    "small": "gguf",
}


def missing_extra(error: ModuleNotFoundError) -> ConfigError | None:
    """What to install if the missing module belongs to an extra; None for any other module."""
    missing = (error.name or "").partition(".")[0]
    for extra, modules in _EXTRAS.items():
        if missing in modules.split():
            return ConfigError(
                f"This needs the package {missing}, which is not installed: "
                f"pip install 'phi3-expert[{extra}]'."
            )
    return None


def lacks_console() -> ConfigError | None:
    """What to install if the console's packages are missing; the model server has most of them."""
    if find_spec("fastapi") and find_spec("python_multipart"):
        return None
    return ConfigError("The console does not run: pip install 'phi3-expert[console]'.")
