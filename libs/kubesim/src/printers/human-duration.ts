const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

type Unit = readonly [number, string];

const [seconds, minutes, hours, days, years]: readonly [Unit, Unit, Unit, Unit, Unit] = [
  [second, 's'],
  [minute, 'm'],
  [hour, 'h'],
  [day, 'd'],
  [year, 'y'],
];

/** Up to how long a duration is told in which units: one, or a large one and what remains in a small one. */
const forms: readonly (readonly [below: number, large: Unit, small?: Unit])[] = [
  [2 * minute, seconds],
  [10 * minute, minutes, seconds],
  [3 * hour, minutes],
  [8 * hour, hours, minutes],
  [2 * day, hours],
  [8 * day, days, hours],
  [2 * year, days],
  [8 * year, years, days],
  [Infinity, years],
];

/** How long something lasted, in the few characters of `kubectl get` (k8s.io/apimachinery/pkg/util/duration HumanDuration). */
export function humanDuration(ms: number): string {
  if (ms < -2 * second) return '<invalid>';
  const lasted = Math.max(ms, 0);
  const [, large = years, small] = forms.find(([below]) => lasted < below) ?? [];
  const rest = small === undefined ? '0' : whole(lasted % large[0], small);
  return `${whole(lasted, large)}${large[1]}${rest === '0' ? '' : `${rest}${small?.[1] ?? ''}`}`;
}

function whole(ms: number, [unit]: Unit): string {
  return String(Math.floor(ms / unit));
}
