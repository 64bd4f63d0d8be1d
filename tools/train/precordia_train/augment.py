# What training does to a batch of windows before the network sees it.
# Separate so that the distillation pool makes its windows by the very same steps.
import math

import numpy as np
import torch

from .configuration import AugmentationSettings


def millivolts(u: np.ndarray, zero_point: int, step: float) -> torch.Tensor:
    """u8 [batch][samples][leads] as float [batch, leads, samples]."""
    x = torch.from_numpy(np.ascontiguousarray(u.transpose(0, 2, 1)))
    return (x.float() - zero_point) * (step / 1000.0)


def crop(x: torch.Tensor, length: int, generator: torch.Generator) -> torch.Tensor:
    """One random place for the whole batch."""
    start = int(torch.randint(0, max(0, x.shape[2] - length) + 1, (1,), generator=generator))
    return x[:, :, start : start + length]


def disturbed(x: torch.Tensor, settings: AugmentationSettings, rate: int, generator: torch.Generator) -> torch.Tensor:
    """Gain of record and lead, white noise, a sine of 0.4 to 1.6 Hz as wander, and lost leads, each with its own chance."""
    count, leads, samples = x.shape
    draw = lambda *shape: torch.rand(*shape, generator=generator)
    x = x * (1 + settings.gain * (2 * draw(count, 1, 1) - 1)) * (1 + settings.lead_gain * (2 * draw(count, leads, 1) - 1))
    level = x.pow(2).mean((1, 2), keepdim=True).sqrt()
    amplitude = settings.hum_millivolts * draw(count, 1, 1)
    if settings.noise:
        low, high = settings.noise_decibels
        ratio = low + (high - low) * draw(count, 1, 1)
        amplitude = torch.where(draw(count, 1, 1) < settings.noise, level * 10 ** (-ratio / 20), amplitude)
    x = x + amplitude * torch.randn(x.shape, generator=generator)
    if settings.wander:
        hertz = 0.4 + 1.2 * draw(count, 1, 1)
        wave = torch.sin(2 * math.pi * (hertz * torch.arange(samples) / rate + draw(count, leads, 1)))
        x = x + wave * (draw(count, 1, 1) < settings.wander) * draw(count, leads, 1) * level * settings.wander_share
    if settings.lost:
        lost = (draw(count, leads, 1) < settings.lost_leads * draw(count, 1, 1)) & (draw(count, 1, 1) < settings.lost)
        x = x * ~lost
    return x


def mixed(share: float, *tensors) -> list:
    """Each tensor with `share` of itself and the rest of its batch in reverse order."""
    return [share * each + (1 - share) * each.flip(0) for each in tensors]


def short(settings: AugmentationSettings, epoch: int, epochs: int) -> bool:
    """Whether this epoch, from 0, takes short crops."""
    return epoch < settings.short_share * epochs


def first_column(settings: AugmentationSettings, long: bool, random: np.random.Generator) -> int:
    """Where pooling begins: 0, or later in some of the long batches."""
    if not long or not settings.context:
        return 0
    first = int(random.integers(0, settings.context_columns))
    return first if random.random() < settings.context else 0
