import { shortId } from '../text.ts';
import type { LabelsOf } from './alike.ts';
import type { FleetPlan } from './fleet-plan.ts';
import { headline, sectionsOf, type PlanSection } from './sections.ts';

/** A comment on GitHub holds 65,536 characters; the rest is room for the note that something is left out. */
const mostCharacters = 65_000;
/** Lines of one block, so that a large one leaves room for others. */
const mostBlockLines = 200;

/** A plan as a comment on a pull request, never longer than GitHub takes. It begins with a mark to find the comment again by. */
export function planMarkdown(plan: FleetPlan, labelsOf: LabelsOf): string {
  const title = `### Meridian plan \`${shortId(plan.base)}..${shortId(plan.head)}\``;
  const parts = ['<!-- meridian plan -->', title, escaped(headline(plan))];
  let length = parts.join('\n\n').length;
  let leftOut = 0;
  for (const section of sectionsOf(plan, labelsOf)) {
    const text = sectionMarkdown(section);
    if (length + text.length + 2 > mostCharacters) {
      leftOut += 1;
      continue;
    }
    parts.push(text);
    length += text.length + 2;
  }
  if (leftOut > 0)
    parts.push(
      `**${leftOut} more ${leftOut === 1 ? 'section does' : 'sections do'} not fit into a comment.** ` +
        `Run \`meridian plan --base ${shortId(plan.base)} --head ${shortId(plan.head)}\` to see everything.`,
    );
  return `${parts.join('\n\n')}\n`;
}

function sectionMarkdown({ title, tone, notes, blocks }: PlanSection): string {
  const mark = tone === 'plain' ? '' : tone === 'bad' ? '🛑 ' : '⚠️ ';
  return [
    `#### ${mark}${escaped(title)}`,
    ...(notes.length > 0 ? [notes.slice(0, mostBlockLines).map(noteMarkdown).join('\n')] : []),
    ...blocks.map((block) => blockMarkdown(block)),
  ].join('\n\n');
}

function noteMarkdown(note: string): string {
  return note.startsWith(' ') ? `  ${escaped(note.trim())}` : `- ${escaped(note)}`;
}

function blockMarkdown({ title, lines }: PlanSection['blocks'][number]): string {
  const shown = lines.slice(0, mostBlockLines).map(({ sign, text }) => `${sign} ${text}`.trimEnd());
  if (lines.length > mostBlockLines) shown.push(`  … and ${lines.length - mostBlockLines} more lines`);
  const body = shown.join('\n');
  const fence = '`'.repeat(Math.max(3, longestTicks(body) + 1));
  return `<details><summary>${escaped(title)}</summary>\n\n${fence}diff\n${body}\n${fence}\n\n</details>`;
}

/** A fence of more backticks than the text has cannot be closed by it. */
function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
}

/** Text from a repository must not become markup, a mention of a person or a link to an issue. */
function escaped(text: string): string {
  return text
    .replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? character)
    .replace(/[\\`*_[\]~|]/g, (character) => `\\${character}`)
    .replace(/[@#]/g, (character) => `${character}\u2060`);
}
