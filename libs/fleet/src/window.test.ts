import { expect, test } from 'vitest';
import { parseFleetConfig } from './fleet-config.ts';
import { windowAt } from './window.ts';

const at = (text: string) => Date.parse(text);
const seen = (window: Parameters<typeof windowAt>[0], text: string) => {
  const { isOpen, changesAtMs } = windowAt(window, at(text));
  return `${isOpen ? 'open' : 'closed'} until ${Number.isFinite(changesAtMs) ? new Date(changesAtMs).toISOString().slice(0, 16) : 'ever'}`;
};
const hour = 3_600_000;
const office = { schedule: '0 8 * * 1-5', durationMs: 9 * hour, timeZone: 'Europe/Berlin' };

test('a window opens and closes by the clock of its time zone, summer and winter', () => {
  expect(seen(office, '2026-01-05T06:59:00Z')).toBe('closed until 2026-01-05T07:00');
  expect(seen(office, '2026-01-05T07:00:00Z')).toBe('open until 2026-01-05T16:00');
  expect(seen(office, '2026-01-05T16:00:00Z')).toBe('closed until 2026-01-06T07:00');
  expect(seen(office, '2026-07-06T06:00:00Z')).toBe('open until 2026-07-06T15:00');
  expect(seen(office, '2026-01-09T16:00:00Z')).toBe('closed until 2026-01-12T07:00');
});

test('an opening in the hour that the clock leaves out comes when that hour is over, and one that comes twice lasts once', () => {
  const night = { schedule: '30 2 * * *', durationMs: hour, timeZone: 'Europe/Berlin' };
  expect(seen(night, '2026-03-29T00:59:00Z')).toBe('closed until 2026-03-29T01:00');
  expect(seen(night, '2026-03-29T01:30:00Z')).toBe('open until 2026-03-29T02:00');
  expect(seen(night, '2026-10-25T00:40:00Z')).toBe('open until 2026-10-25T01:30');
  expect(seen(night, '2026-10-25T01:40:00Z')).toBe('closed until 2026-10-26T01:30');
});

test('openings that touch or overlap are one, also without an end', () => {
  const always = { schedule: '0 0 * * *', durationMs: 24 * hour, timeZone: 'UTC' };
  const { isOpen, changesAtMs } = windowAt(always, at('2026-01-05T12:00:00Z'));
  expect(isOpen).toBe(true);
  expect(changesAtMs).toBeGreaterThan(at('2026-01-05T12:00:59Z'));
  const twice = { schedule: '0 8,10 * * *', durationMs: 3 * hour, timeZone: 'UTC' };
  expect(seen(twice, '2026-01-05T09:00:00Z')).toBe('open until 2026-01-05T13:00');
});

test('a day that never comes opens never', () => {
  const never = { schedule: '0 0 30 2 *', durationMs: hour, timeZone: 'UTC' };
  expect(seen(never, '2026-01-05T12:00:00Z')).toBe('closed until ever');
});

const strategy = (window: string) => `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: careful }
spec:
  stages: [{ name: all, clusters: {} }]
  windows:
    - ${window}
`;

test.each([
  ["{ name: a, kind: deny, schedule: '61 * * * *', duration: 1h }", 'schedule', /five fields of cron/],
  ["{ name: a, kind: deny, schedule: '* * * * * *', duration: 1h }", 'schedule', /five fields of cron/],
  [
    "{ name: a, kind: deny, schedule: '0 8 * * *', duration: 1h, timeZone: Mars/Base }",
    'timeZone',
    /IANA name/,
  ],
  ["{ name: a, kind: deny, schedule: '0 8 * * *', duration: 1s }", 'duration', /from 1m to 31d/],
  ["{ name: a, kind: never, schedule: '0 8 * * *', duration: 1h }", 'kind', /allow|deny/],
])('%s is refused at its field', (window, field, message) => {
  const { problems } = parseFleetConfig([{ path: 'fleet/strategy.yaml', text: strategy(window) }]);
  expect(problems).toHaveLength(1);
  expect(problems[0]?.message).toContain(`spec.windows[0].${field}`);
  expect(problems[0]?.message).toMatch(message);
});
