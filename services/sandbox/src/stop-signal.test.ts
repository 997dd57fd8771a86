import { afterEach, expect, test, vi } from 'vitest';
import { listenForStop } from './stop-signal.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const before = new Map(signals.map((signal) => [signal, process.listeners(signal)]));

afterEach(() => {
  for (const signal of signals)
    for (const listener of process.listeners(signal))
      if (!before.get(signal)?.includes(listener)) process.off(signal, listener);
});

test('an echo of the first signal is not a second one; a later signal is', async () => {
  let nowMs = 1_000;
  const exit = vi.fn();
  const kill = vi.fn();
  const stopping = listenForStop(() => nowMs, exit);
  stopping.onSecond(kill);
  process.emit('SIGINT', 'SIGINT');
  await stopping.stopped;
  expect(stopping.signal.aborted).toBe(true);
  nowMs += 20;
  process.emit('SIGINT', 'SIGINT');
  expect(kill).not.toHaveBeenCalled();
  nowMs += 600;
  process.emit('SIGINT', 'SIGINT');
  expect(kill).toHaveBeenCalledOnce();
  expect(exit).toHaveBeenCalledWith(130);
});
