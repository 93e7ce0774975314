package search

// entryTexts are the parts of entry e in the order in which they are read, without their names, which every entry of a form has.
// The import tests of programme hold the list against the forms.
const entryTexts = `(select string_agg(f.value, E'\n\n' order by array_position(array['situation', 'done', 'outcome', 'differently', 'use', 'steps', 'effort', 'limits', 'purpose', 'inputs', 'licence',
	'immediate', 'potential', 'applied', 'realised', 'reframing', 'told', 'shows', 'causes', 'ways', 'differs', 'more'], f.key)) from jsonb_each_text(e.fields) f where f.value <> '')`
