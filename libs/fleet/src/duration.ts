const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What a duration text looks like: `0s`, `90s`, `10m`, `1h30m`, `2d`. */
export const durationPattern = /^(?:0|(?:\d{1,7}(?:\.\d{1,3})?(?:ms|s|m|h|d)){1,4})$/;

/** A duration text such as `10m`, `0s` or `1h30m` in milliseconds; undefined when it is not one. */
export function durationToMs(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0);
  }
  return Math.round(total);
}
