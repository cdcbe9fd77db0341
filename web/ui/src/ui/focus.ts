// Puts the focus where a new screen begins: its first field or its heading.
export function focusFirst(element: HTMLElement): void {
  element.focus({ preventScroll: true });
}
