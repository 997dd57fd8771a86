import { createTelemetry } from '@meridian/telemetry';
import { controlMetrics } from '@meridian/hub';
import { World } from './world.ts';
import type { Outcome, Shared, WorldOptions } from './world.ts';

let shared: Shared | undefined;

function sharedParts(): Shared {
  if (shared) return shared;
  const telemetry = createTelemetry({
    service: 'meridian-hub',
    instance: 'simulated',
    logLevel: 'error',
    destination: { write: () => undefined },
  });
  shared = { telemetry, metrics: controlMetrics(telemetry.registry, () => undefined) };
  return shared;
}

/** Lives through the world of one seed. */
export function runSeed(seed: number, options: WorldOptions = {}): Promise<Outcome> {
  return new World(seed, sharedParts(), options).run();
}
