// A seal: a small drawing made from a text, different for every text. It shows
// what words cannot: that each app gets an identity of its own. It proves
// nothing and nobody has to recognise it.

export interface Seal {
  tone: "a" | "b" | "c" | "d";
  // SVG path data, one per ring from the inside out.
  rings: string[];
}

const center = 32;
const radii = [9, 16, 23];
const steps = [6, 10, 14];

export function seal(text: string): Seal {
  const next = generator(text);
  const tone = (["a", "b", "c", "d"] as const)[next() % 4] ?? "a";
  const rings = radii.map((radius, i) => ring(radius, steps[i] ?? 8, next));
  return { tone, rings };
}

// Arcs around a circle of equal segments, about two thirds of them drawn and
// neighbours joined.
function ring(radius: number, count: number, next: () => number): string {
  const on = Array.from({ length: count }, () => next() % 3 !== 0);
  on[next() % count] = false;
  on[next() % count] = true;
  const gap = on.indexOf(false);
  const turn = ((next() % 360) * Math.PI) / 180;
  let path = "";
  for (let i = 1; i <= count; ) {
    if (!on[(gap + i) % count]) {
      i++;
      continue;
    }
    const from = i;
    while (i <= count && on[(gap + i) % count]) {
      i++;
    }
    path += arc(radius, turn, from / count, (i - 1) / count + 0.5 / count);
  }
  return path;
}

function arc(radius: number, turn: number, from: number, to: number): string {
  const point = (part: number) => {
    const angle = turn + part * 2 * Math.PI;
    return `${(center + radius * Math.cos(angle)).toFixed(2)} ${(center + radius * Math.sin(angle)).toFixed(2)}`;
  };
  const large = to - from > 0.5 ? 1 : 0;
  return `M${point(from)}A${radius} ${radius} 0 ${large} 1 ${point(to)}`;
}

// Numbers that depend on nothing but the text (FNV-1a, then xorshift32).
function generator(text: string): () => number {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    state = Math.imul(state ^ byte, 0x01000193) >>> 0;
  }
  state ||= 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state >>> 8;
  };
}
