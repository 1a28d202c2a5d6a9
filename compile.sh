#!/usr/bin/env bash
# requirements.in -> requirements.txt, one list for Python 3.11 to 3.13 on every system.
# Needs uv (pip install uv).  torch's own metadata pins its CUDA packages where they are wanted,
# so they are left out here: on a machine without a GPU they would be gigabytes for nothing.
set -euo pipefail
cd "$(dirname "$0")"

cuda=(cuda-bindings cuda-pathfinder cuda-toolkit triton nvidia-cublas nvidia-cuda-cupti
    nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand
    nvidia-cusolver nvidia-cusparse nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink
    nvidia-nvshmem-cu13 nvidia-nvtx)

uv pip compile --universal --fork-strategy fewest --python-version 3.11 --quiet \
    --no-header --no-annotate "${cuda[@]/#/--no-emit-package=}" \
    requirements.in -o requirements.txt "$@"
echo "requirements.txt: $(wc -l < requirements.txt) packages"
