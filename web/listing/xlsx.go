package listing

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// XLSX answers with a spreadsheet of one sheet, named file for whoever saves it. Cells are texts, and none is taken for a formula, not even when
// the sheet is saved as CSV and opened again; those of numeric columns are numbers.
func XLSX(w http.ResponseWriter, file string, header []string, rows [][]string, numeric map[string]bool) error {
	book := excelize.NewFile()
	defer book.Close()
	sheet, err := book.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	if err := sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	line := make([]any, len(header))
	for n, name := range header {
		line[n] = excelize.Cell{StyleID: bold, Value: name}
	}
	if err := sheet.SetRow("A1", line); err != nil {
		return err
	}
	for at, row := range rows {
		line := make([]any, len(row))
		for n, cell := range row {
			line[n] = Cell(cell)
			if x, err := strconv.ParseFloat(cell, 64); err == nil && numeric[header[n]] {
				line[n] = x
			}
		}
		if err := sheet.SetRow("A"+strconv.Itoa(at+2), line); err != nil {
			return err
		}
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	b, err := book.WriteToBuffer()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.xlsx"`, file))
	return send(w, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b.Bytes())
}
