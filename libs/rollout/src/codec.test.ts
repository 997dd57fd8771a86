import { describe, expect, it } from 'vitest';
import { decodeState } from './codec.ts';
import { rolloutView } from './view.ts';
import recorded from './recorded-state-v1.json' with { type: 'json' };

describe('stored rollout states', () => {
  it('still decode as they were recorded by version 1', () => {
    const decoded = decodeState(JSON.stringify(recorded));
    expect(decoded.ok && rolloutView(decoded.state, 0)).toMatchObject({
      id: 'inference-1',
      phase: 'progressing',
    });
  });

  it('are refused with a reason when they are damaged or of another version', () => {
    expect(decodeState('{')).toEqual({ ok: false, reason: 'the stored rollout is not JSON' });
    expect(decodeState('[]')).toEqual({ ok: false, reason: 'the stored rollout is not an object' });
    expect(decodeState('{"version":4}')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('version 4'),
    });
    expect(decodeState('{"version":1,"phase":"completed"}')).toMatchObject({ ok: false });
  });
});
