import type { Directive } from './directive.ts';
import { YamlSyntaxError } from './syntax-error.ts';
import type { WrittenTag } from './tag.ts';

const core = 'tag:yaml.org,2002:';

/** What the handles of tags stand for in one document. */
export class TagHandles {
  readonly #prefixes = new Map<string, string>();
  #hasVersion = false;

  /** Takes a directive of the document; refuses a second one of the same meaning. */
  obey(directive: Directive, offset: number): void {
    if (directive.kind === 'version') {
      if (this.#hasVersion) throw new YamlSyntaxError('found duplicate %YAML directive', offset);
      this.#hasVersion = true;
      return;
    }
    if (this.#prefixes.has(directive.handle))
      throw new YamlSyntaxError('found duplicate %TAG directive', offset);
    this.#prefixes.set(directive.handle, directive.prefix);
  }

  /** A tag with its handle resolved, in its short form: `!!str` for `!<tag:yaml.org,2002:str>`. */
  tagOf({ handle, suffix }: WrittenTag, offset: number): string {
    const tag = handle === '' ? suffix : this.#prefixOf(handle, offset) + suffix;
    return tag.startsWith(core) ? `!!${tag.slice(core.length)}` : tag;
  }

  #prefixOf(handle: string, offset: number): string {
    const prefix = this.#prefixes.get(handle) ?? { '!': '!', '!!': core }[handle];
    if (prefix === undefined) throw new YamlSyntaxError('found undefined tag handle', offset);
    return prefix;
  }
}
