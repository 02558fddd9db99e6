// The choices of the page in its address, behind a '?' in the fragment, so that a link shows what its sender saw:
// #translations?first=3&phenomenon=idiom. What stands as it was at first is left out.
const controlIds = ['test', 'axis', 'attention-sentence', 'first', 'second', 'order', 'phenomenon', 'search'];
const controls = () => controlIds.map(id => document.getElementById(id)).filter(control => control !== null);
const boxes = () => [...document.querySelectorAll('#key input')];
let atFirst = {};

const sectionInAddress = () => location.hash.slice(1).split('?')[0];

function choicesForAddress() {
  const choices = new URLSearchParams();
  for (const {id, value} of controls())
    if (value !== atFirst[id]) choices.set(id, value);
  const hidden = boxes().filter(box => !box.checked).map(box => box.value);
  if (hidden.length) choices.set('hidden', hidden.join('.'));
  return choices.toString();
}

function writeAddress() {
  const choices = choicesForAddress(), address = `#${sectionInAddress()}${choices && '?'}${choices}`;
  if (address !== (location.hash || '#')) history.replaceState(null, '', address);
}

function readAddress() {
  const choices = new URLSearchParams(location.hash.split('?')[1] ?? '');
  const hidden = (choices.get('hidden') ?? '').split('.');
  for (const box of boxes())
    if (box.checked === hidden.includes(box.value)) box.click();
  for (const control of controls()) {
    const wanted = choices.get(control.id) ?? atFirst[control.id];
    const known = control.tagName !== 'SELECT' || [...control.options].some(({value}) => value === wanted);
    if (!known || control.value === wanted) continue;
    control.value = wanted;
    for (const type of ['input', 'change']) control.dispatchEvent(new Event(type, {bubbles: true}));
  }
  document.getElementById(sectionInAddress())?.scrollIntoView();
}

function setUpAddress() {
  atFirst = Object.fromEntries(controls().map(({id, value}) => [id, value]));
  if (location.hash.includes('?')) readAddress();
  for (const type of ['input', 'change']) document.addEventListener(type, writeAddress);
  // A link within the page keeps the choices.
  window.addEventListener('hashchange', () => (location.hash.includes('?') ? readAddress() : writeAddress()));
}
