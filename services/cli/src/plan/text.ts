import type { Paint, Tone } from '../style.ts';
import { shortId } from '../text.ts';
import type { LabelsOf } from './alike.ts';
import { hasChanges, type FleetPlan } from './fleet-plan.ts';
import type { PlanLine } from './lines.ts';
import { headline, sectionsOf, type PlanSection } from './sections.ts';

const tones: { readonly [sign in PlanLine['sign']]: Tone } = {
  '+': 'good',
  '-': 'bad',
  '!': 'busy',
  ' ': 'plain',
};

/** A plan for a terminal. */
export function planText(plan: FleetPlan, labelsOf: LabelsOf, paint: Paint): string {
  const sections = sectionsOf(plan, labelsOf);
  const revisions = `${shortId(plan.base)}..${shortId(plan.head)}`;
  const isQuiet = !hasChanges(plan) && sections.length === 0;
  const head = isQuiet ? `${revisions} changes nothing in any cluster` : `${revisions}: ${headline(plan)}`;
  return [`${paint('strong', head)}\n`, ...sections.map((section) => sectionText(section, paint))].join('\n');
}

function sectionText({ title, tone, notes, blocks }: PlanSection, paint: Paint): string {
  return [
    paint(tone === 'plain' ? 'strong' : tone, title),
    ...notes.map((note) => `  ${paint(tone, note)}`),
    ...blocks.flatMap((block) => [
      `  ${paint('dim', block.title)}`,
      ...block.lines.map(({ sign, text }) => `    ${paint(tones[sign], `${sign} ${text}`)}`.trimEnd()),
    ]),
    '',
  ].join('\n');
}
