import { Registry } from '@meridian/telemetry';
import { expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

it('a freeze is measured when it is asked for, and a pause and altered objects for each application', async () => {
  const registry = new Registry();
  const at = { isFrozen: false };
  const sources = { source: () => 1, report: () => undefined, droppedEvents: () => 0 };
  const metrics = createMetrics(registry, { ...sources, isFrozen: () => at.isFrozen });
  metrics.paused('web', true);
  metrics.altered('web', 3);
  const before = await registry.metrics();
  expect(before).toContain('meridian_agent_frozen 0');
  expect(before).toContain('meridian_agent_paused{application="web"} 1');
  expect(before).toContain('meridian_agent_altered_objects{application="web"} 3');
  at.isFrozen = true;
  metrics.paused('web', false);
  const after = await registry.metrics();
  expect(after).toContain('meridian_agent_frozen 1');
  expect(after).toContain('meridian_agent_paused{application="web"} 0');
});
