package programme

// write adds the texts below a meeting: its points, what was said under each, and what was added later.
func (p *parts) write(d *document) error {
	if p == nil {
		return nil
	}
	for _, w := range p.Points {
		if err := d.add(w.Head, w.Body); err != nil {
			return err
		}
	}
	for _, m := range p.Minutes {
		if err := d.add(m.Head, m.Body); err != nil {
			return err
		}
		for _, earlier := range m.Past {
			if err := d.add(earlier.Head, earlier.Body); err != nil {
				return err
			}
		}
	}
	for _, a := range p.Addenda {
		if err := d.add(a.Head, a.Body); err != nil {
			return err
		}
	}
	return nil
}

// writeMeetings writes what a community has around its meetings: series, and the backlog of their agendas.
func writeMeetings(c *communityBook, w *writing) error {
	raw, err := list(c.Series)
	if err := w.file(c.folder()+"/series.json", raw, err); err != nil {
		return err
	}
	var d document
	for _, p := range c.Backlog {
		if err := d.add(p.Head, p.Body); err != nil {
			return err
		}
	}
	return w.file(c.folder()+"/backlog.md", d.Bytes(), nil)
}
