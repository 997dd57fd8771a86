import type { Environment } from '@marcbachmann/cel-js';
import { goQuote } from '../forms/go-quote.ts';
import { CelFault } from './cel-fault.ts';
import type { Register } from './cel-fault.ts';

const form =
  /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?)?([^?#]*)(?:\?([^#]*))?$/;

/** An address as Go's net/url takes it apart: absolute, or a path from the root. */
class CelUrl {
  readonly scheme: string;
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
  readonly query: Map<string, string[]>;

  constructor(text: string) {
    const [scheme = '', hostname = '', port = '', path = '', query = ''] = partsOf(text);
    this.scheme = scheme.toLowerCase();
    this.hostname = hostname.replace(/^\[(.*)\]$/, '$1');
    this.port = port;
    this.path = path;
    this.query = new Map();
    for (const [name, value] of new URLSearchParams(query)) {
      this.query.set(name, [...(this.query.get(name) ?? []), value]);
    }
  }

  get host(): string {
    const name = this.hostname.includes(':') ? `[${this.hostname}]` : this.hostname;
    return this.port === '' ? name : `${name}:${this.port}`;
  }
}

function partsOf(text: string): readonly (string | undefined)[] {
  const found = form.exec(text);
  const isAbsolute = found?.[1] !== undefined || text.startsWith('/');
  if (found !== null && isAbsolute && !/[\s\u007f]/.test(text)) return found.slice(1);
  throw new CelFault(
    `URL parse error during conversion from string: parse ${goQuote(text)}: invalid URI for request`,
  );
}

/** Addresses of the web: `url(self.endpoint).getScheme() == 'https'`. */
export function registerUrls(environment: Environment, register: Register): void {
  const type = 'kubernetes.URL';
  environment.registerType(type, CelUrl);
  register(`url(string): ${type}`, (text: string) => new CelUrl(text));
  register('isURL(string): bool', isUrl);
  register(`${type}.getScheme(): string`, ({ scheme }: CelUrl) => scheme);
  register(`${type}.getHost(): string`, ({ host }: CelUrl) => host);
  register(`${type}.getHostname(): string`, ({ hostname }: CelUrl) => hostname);
  register(`${type}.getPort(): string`, ({ port }: CelUrl) => port);
  register(`${type}.getEscapedPath(): string`, ({ path }: CelUrl) => path);
  register(`${type}.getQuery(): map<string, list<string>>`, ({ query }: CelUrl) => query);
}

function isUrl(text: string): boolean {
  try {
    return new CelUrl(text).path !== undefined;
  } catch (error) {
    if (error instanceof CelFault) return false;
    throw error;
  }
}
