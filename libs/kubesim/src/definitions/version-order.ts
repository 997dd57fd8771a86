/** Compares names of versions: stable ones first, then beta, then alpha, newer before older, and all others last, by name. */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const [ranksA, ranksB] = [ranksOf(a), ranksOf(b)];
  if (ranksA === undefined || ranksB === undefined) {
    if (ranksA !== undefined) return 1;
    if (ranksB !== undefined) return -1;
    return a < b ? 1 : -1;
  }
  const differs = ranksA.findIndex((rank, index) => rank !== ranksB[index]);
  return differs < 0 ? 0 : (ranksA[differs] ?? 0) - (ranksB[differs] ?? 0);
}

const form = /^v(\d+)(?:(alpha|beta)(\d+))?$/;
const stability: Readonly<Record<string, number>> = { alpha: 0, beta: 1 };

function ranksOf(version: string): readonly number[] | undefined {
  const found = form.exec(version);
  if (found === null) return undefined;
  const [, major = '', kind = '', minor = '0'] = found;
  return [stability[kind] ?? 2, Number(major), Number(minor)];
}
