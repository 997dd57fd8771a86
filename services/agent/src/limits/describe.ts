import type { AgentLimits, Freeze, NameLimits } from '@meridian/fleet';

const shown = 20;

/** The limits of a cluster as people read them, one sentence for each; a freeze is told apart from them. */
export function describeLimits({
  namespaces,
  kinds,
  registries,
  changeRate,
  deletions,
}: AgentLimits): readonly string[] {
  return [
    ...namesText('namespaces', namespaces),
    ...namesText('kinds', kinds),
    ...(kinds?.clusterScoped ? [`kinds outside namespaces: ${listText(kinds.clusterScoped)}`] : []),
    ...(registries ? [`images from: ${listText(registries)}`] : []),
    ...(changeRate
      ? [`in a minute: ${changeRate.writesPerMinute} writes, ${changeRate.deletionsPerMinute} deletions`]
      : []),
    ...(deletions ? deletionsText(deletions) : []),
  ];
}

function namesText(what: string, { allowed, denied }: NameLimits = {}): readonly string[] {
  return [
    ...(allowed ? [`${what}: ${listText(allowed)}`] : []),
    ...(denied ? [`${what} denied: ${listText(denied)}`] : []),
  ];
}

function deletionsText({ objects, percent }: NonNullable<AgentLimits['deletions']>): readonly string[] {
  const most = deletionsMost({ objects, percent });
  return most === '' ? [] : [`one assignment deletes at most: ${most}`];
}

/** How much may go, such as `20 objects or 30 %`; empty when that is not limited. */
export function deletionsMost({
  objects,
  percent,
}: Pick<NonNullable<AgentLimits['deletions']>, 'objects' | 'percent'>): string {
  return [
    ...(objects === undefined ? [] : [objects === 1 ? '1 object' : `${objects} objects`]),
    ...(percent === undefined ? [] : [`${percent} %`]),
  ].join(' or ');
}

function listText(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const more = names.length > shown ? ` and ${names.length - shown} more` : '';
  return `${names.slice(0, shown).join(', ')}${more}`;
}

/** Who has frozen a cluster, until when and why. */
export function freezeText({ author, reason, untilMs }: Freeze): string {
  const until = untilMs === undefined ? '' : ` until ${new Date(untilMs).toISOString()}`;
  return `frozen by ${author}${until}: ${reason}`;
}
